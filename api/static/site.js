// Conveniences on top of pages that are complete without them.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

for (const tools of document.querySelectorAll("[data-tools]")) {
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const fold = event.target.dataset.fold;
    if (!fold) return;
    for (const part of tools.parentElement.querySelectorAll("details")) part.open = fold === "open";
  });
}

// A chosen cohort, wave or type filters at once; a wave of another cohort is let go.
for (const form of document.querySelectorAll("form[data-submit]")) {
  form.addEventListener("change", (event) => {
    const study = form.elements.namedItem("study");
    if (event.target.name === "cohort" && study) study.value = "";
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    form.submit();
  });
}

// Suggestions while typing: an editable combobox with a list box (ARIA Authoring Practices 1.2).
document.documentElement.classList.add("js");

function combobox(input) {
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let found = [], active = -1, timer = 0, asking = null;
  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.list);
  status.className = "unseen";
  status.setAttribute("role", "status");
  input.after(list, status);
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-autocomplete", "list"],
    ["aria-controls", list.id]]) input.setAttribute(name, value);

  function option(one, place) {
    const item = document.createElement("li");
    item.id = `${list.id}-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const words = document.createElement("span");
    words.textContent = (one.kind === "item" && one.label) || one.text;
    item.append(words);
    const more = one.kind === "item" ? one.type_label : one.documents?.toLocaleString();
    if (more && more !== words.textContent) {
      const aside = document.createElement("span");
      aside.className = "type";
      aside.textContent = more;
      item.append(aside);
    }
    return item;
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show() {
    list.replaceChildren(...found.map(option));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = found.length ? input.dataset.some.replace("{n}", found.length) : "";
  }

  function point(place) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = place;
    const item = list.children[active];
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    return input.setAttribute("aria-activedescendant", item.id);
  }

  function take(one) {
    close();
    if (one.kind === "item") {
      const { pathname, search } = new URL(one.href);
      window.location.assign(pathname + search);
      return;
    }
    input.value = one.text;
    input.form.requestSubmit();
  }

  async function ask() {
    asking?.abort();
    const mine = asking = new AbortController();
    const query = new URLSearchParams({ q: input.value, lang: document.documentElement.lang });
    try {
      const answer = await fetch(`${input.dataset.suggest}?${query}`, { signal: mine.signal });
      const read = answer.ok ? await answer.json() : [];
      if (mine !== asking || mine.signal.aborted || document.activeElement !== input) return;
      found = read;
      show();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < 2) { close(); return; }
    timer = setTimeout(ask, 120);
  });
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) { if (event.key === "ArrowDown" && input.value.trim().length > 1) ask(); return; }
      const places = found.length + 1;  // the last place is the box itself
      const next = (active + 1 + steps[event.key] + places) % places - 1;
      point(next);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(found[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const place = [...list.children].indexOf(event.target.closest("li"));
    if (place >= 0) take(found[place]);
  });
}
for (const input of document.querySelectorAll("input[data-suggest]")) combobox(input);

// The search page: every change is the address of a page; its changing parts are put in place of those shown.
const results = document.getElementById("results");
const search = document.getElementById("search");
if (results && search) {
  const parts = ["results", "tongues", "forms"];
  const opened = new Map();
  const looked = new Map();
  let fetching = null;

  function lookInside(values) {
    const facet = values.closest(".facet").dataset.facet;
    const box = document.createElement("input");
    box.type = "search";
    box.className = "look";
    box.setAttribute("aria-label", values.dataset.look);
    box.placeholder = values.dataset.look;
    box.value = looked.get(facet) || "";
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const look = () => {
      looked.set(facet, box.value);
      for (const item of values.children) {
        item.hidden = !plain(item.querySelector(".words").textContent).includes(plain(box.value));
      }
    };
    box.addEventListener("input", look);
    values.before(box);
    look();
  }

  function settle() {
    for (const one of results.querySelectorAll("details.facet, details.facets")) {
      const name = one.dataset.facet || one.id;
      if (opened.has(name)) one.open = opened.get(name);
    }
    for (const values of results.querySelectorAll("[data-look]")) lookInside(values);
  }

  function place(element) {
    if (!results.contains(element)) return null;
    if (element.matches("input[type=checkbox]")) {
      return `input[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
    }
    return element.id ? `#${CSS.escape(element.id)}` : null;
  }

  async function go(address, { push = true, scroll = null, focus = null } = {}) {
    fetching?.abort();
    const mine = fetching = new AbortController();
    results.classList.add("busy");
    results.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) { window.location.assign(address); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine.signal.aborted) return;
      if (!page.getElementById("results")) { window.location.assign(answer.url); return; }  // an item, by its URN
      const held = focus || place(document.activeElement);
      if (push) {
        window.history.replaceState({ scroll: window.scrollY }, "");
        window.history.pushState({}, "", answer.url);
      }
      for (const id of parts) {
        const fresh = page.getElementById(id);
        const shown = document.getElementById(id);
        if (fresh && shown) shown.replaceChildren(...fresh.childNodes);
      }
      document.title = page.title;
      const box = page.querySelector("#search input[name=q]");
      const own = search.elements.namedItem("q");
      if (document.activeElement !== own || !push) own.value = box.value;
      settle();
      document.getElementById("announce").textContent = document.getElementById("found").textContent;
      if (held) (results.querySelector(held) || document.getElementById("found")).focus({ preventScroll: scroll === null });
      if (typeof scroll === "number") window.scrollTo(0, scroll);
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(address);
    } finally {
      if (mine === fetching) {
        results.classList.remove("busy");
        results.removeAttribute("aria-busy");
      }
    }
  }

  function asked() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(search)) if (value.trim()) query.append(name, value.trim());
    const text = query.toString();
    return search.action + (text ? `?${text}` : "");
  }

  search.addEventListener("submit", (event) => {
    event.preventDefault();
    go(asked());
  });
  results.addEventListener("change", (event) => {
    if (event.target.matches("input[type=checkbox], select")) go(asked());
  });
  results.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const target = new URL(link.href);
    if (target.origin !== window.location.origin || target.pathname !== new URL(search.action).pathname) return;
    event.preventDefault();
    const turns = Boolean(link.closest(".pager"));
    go(link.href, turns ? { focus: "#found", scroll: 0 } : { focus: "#found" });
  });
  results.addEventListener("toggle", (event) => {
    opened.set(event.target.dataset.facet || event.target.id, event.target.open);
  }, true);
  window.addEventListener("popstate", (event) => go(window.location.href, { push: false, scroll: event.state?.scroll ?? 0 }));
  settle();
}
