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
