"""The catalogue as linked data: its triple store and what feeds it, its dumps, its feed of changes, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, VOID, XSD

from catalogue.errors import NotFoundError, UsageError
from catalogue.exposure.activities import ChangeFeed
from catalogue.exposure.conversion import CATALOGUE, RevisionConversion
from catalogue.exposure.feeder import Feeder
from catalogue.exposure.harvesters import Harvesters
from catalogue.exposure.resources import ResourceBuilder
from catalogue.model.report import Message
from catalogue.rdf.dumps import FORMATS, Dump, DumpFormat, Dumps
from catalogue.rdf.endpoint import service_description
from catalogue.rdf.evaluating import Evaluators
from catalogue.rdf.files import GraphFile
from catalogue.rdf.namespaces import VOCABULARIES, bind
from catalogue.rdf.quads import GraphQuery, QueryAnswer, QueryLimits, StoreState, TripleStore
from catalogue.rdf.remote import GraphNames, RemoteStore
from catalogue.settings import Settings
from catalogue.store import Repository

PREFIXES: Final = {one.prefix: one.address for one in VOCABULARIES}
WHOLE: Final = "catalogue"
"""The name of the dump of everything: ``/dumps/catalogue.nt.gz``."""


@dataclass(frozen=True, slots=True)
class DumpListing:
    """A dump that can be had.

    Attributes:
        name: ``catalogue``, or a cohort's ``agency/identifier``, percent-encoded as in its address.
        cohort: the address of the cohort, without version; None of the whole.
        path: below the root of all addresses.
        size: in bytes, where it is known without work; else None.
    """

    name: str
    cohort: str | None
    form: DumpFormat
    path: str
    triples: int
    documents: int
    size: int | None


def open_triples(settings: Settings, evaluators: Evaluators) -> TripleStore:
    """The triple store that the settings name.

    Raises:
        UsageError: they name a remote store by one of its two addresses only.
    """
    query_url, graph_store_url = settings.sparql_query_url, settings.sparql_graph_store_url
    if query_url is None and graph_store_url is None:
        from catalogue.rdf.oxigraph import OxigraphStore  # here: only who opens this store pays for this import

        return OxigraphStore(settings.rdf_folder / "triples", evaluators)
    if query_url is None or graph_store_url is None:
        raise UsageError(
            "A triple store of your own has two addresses, and only one is set.",
            next_step="Set CATALOGUE_SPARQL_QUERY_URL and CATALOGUE_SPARQL_GRAPH_STORE_URL, or neither.",
        )
    token = settings.sparql_token.get_secret_value() if settings.sparql_token else None
    base = settings.base_url.rstrip("/")
    own = GraphNames(f"{base}/documents/", (f"{base}/{CATALOGUE}",))
    return RemoteStore(query_url, graph_store_url, own, evaluators, token)


class LinkedData:
    """Everything about triples. Safe to share between threads; close it at the end."""

    def __init__(self, repository: Repository, settings: Settings, harvesters: Harvesters) -> None:
        self._repository = repository
        self._settings = settings
        self._portals = harvesters.portals
        self._prepared = harvesters.prepared
        self._base = settings.base_url.rstrip("/")
        self._files = harvesters.files
        self._triples = open_triples(settings, Evaluators(PREFIXES))
        self._dumps = Dumps(self._conversion().graph, PREFIXES)
        self.changes = ChangeFeed(repository, self._base)

    def close(self) -> None:
        """Give back processes and connections."""
        self._triples.close()

    # --- the triple store

    def feeder(self) -> Feeder:
        """What brings files and triple store up to date with the store."""
        return Feeder(self._repository, self._conversion(), self._files, self._triples, self._derive)

    def state(self) -> StoreState:
        """How the triple store is. Raises StoreUnavailableError."""
        return self._triples.state()

    def query(self, query: GraphQuery) -> QueryAnswer:
        """Evaluate a SPARQL query within the limits of the settings; see ``TripleStore.query``."""
        return self._triples.query(query, QueryLimits(self._settings.sparql_seconds, self._settings.sparql_bytes))

    def items_of(self, revision: str) -> dict[str, int]:
        """How many items of each type of a revision are in RDF; nothing while it has not been converted."""
        found = self._files.get(revision)
        return dict(found.items) if found else {}

    def _derive(self, file: GraphFile) -> None:
        self._prepared.prepare(file)
        self._dumps.derive(file)

    def _conversion(self) -> RevisionConversion:
        resources, portals = ResourceBuilder(self._repository), self._portals
        return RevisionConversion(
            self._base, resources.of_revision, portals.triples_of, portals.about, portals.cohorts.state
        )

    # --- dumps

    def dump(self, name: str, extension: str) -> Dump:
        """A dump by its name and format. Raises NotFoundError, StorageError."""
        form = next((one for one in FORMATS if one.extension == extension), None)
        files = self._files_of(name)
        if form is None or (not files and name != WHOLE):
            raise NotFoundError(
                Message(f"Il n’y a pas d’export {name}.{extension}.gz.", f"There is no dump {name}.{extension}.gz."),
                next_step=Message("Voyez sur /dumps ceux qu’il y a.", "See /dumps for those there are."),
            )
        return self._dumps.make(files, form)

    def dumps(self) -> tuple[DumpListing, ...]:
        """Every dump that there is: of everything first, then by cohort."""
        every = self._files.all().values()
        names = sorted({path for file in every for path in file.cohorts})
        listed: list[tuple[str, str | None, tuple[GraphFile, ...]]] = [(WHOLE, None, tuple(every))]
        listed += [(path[1:], f"{self._base}/id{path}", self._files_of(path[1:])) for path in names]
        return tuple(_listing(*one, form) for one in listed for form in FORMATS)

    def _files_of(self, name: str) -> tuple[GraphFile, ...]:
        every = self._files.all().values()
        return tuple(file for file in every if name == WHOLE or f"/{name}" in file.cohorts)

    def void(self) -> Graph:
        """The catalogue as a VoID dataset: size, dumps, endpoint, vocabularies (W3C Note "Describing Linked Datasets
        with the VoID Vocabulary"), served at ``/.well-known/void``."""
        graph = bind(Graph(bind_namespaces="none"))
        whole = URIRef(f"{self._base}/.well-known/void#{WHOLE}")
        document = URIRef(f"{self._base}/.well-known/void")
        graph.add((document, RDF.type, VOID.DatasetDescription))
        graph.add((document, FOAF.primaryTopic, whole))
        graph.add((whole, VOID.sparqlEndpoint, URIRef(f"{self._base}/sparql")))
        graph.add((whole, VOID.uriSpace, Literal(f"{self._base}/id/")))
        graph.add((whole, FOAF.homepage, URIRef(f"{self._base}/")))
        for one in VOCABULARIES:
            graph.add((whole, VOID.vocabulary, URIRef(one.address)))
        for listing in self.dumps():
            self._describe(graph, whole, listing)
        return graph

    def service_description(self) -> Graph:
        """What the SPARQL endpoint is."""
        return service_description(f"{self._base}/sparql", f"{self._base}/.well-known/void#{WHOLE}")

    def _describe(self, graph: Graph, whole: URIRef, listing: DumpListing) -> None:
        part = whole if listing.cohort is None else URIRef(f"{whole.removesuffix(WHOLE)}{listing.name}")
        graph.add((part, RDF.type, VOID.Dataset))
        graph.add((part, VOID.dataDump, URIRef(self._base + listing.path)))
        graph.add((part, VOID.triples, Literal(listing.triples, datatype=XSD.integer)))
        graph.add((part, VOID.documents, Literal(listing.documents, datatype=XSD.integer)))
        graph.add((part, VOID.feature, URIRef(listing.form.iri)))
        if listing.cohort is not None:
            graph.add((whole, VOID.subset, part))
            graph.add((part, DCTERMS.subject, URIRef(listing.cohort)))


def _listing(name: str, cohort: str | None, files: tuple[GraphFile, ...], form: DumpFormat) -> DumpListing:
    return DumpListing(
        name=name,
        cohort=cohort,
        form=form,
        path=f"/dumps/{name}.{form.extension}.gz",
        triples=sum(file.triples for file in files),
        documents=sum(file.revision != CATALOGUE for file in files),
        size=sum(file.size for file in files) if form.derive is None else None,
    )
