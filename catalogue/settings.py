"""Every setting, its default and its environment variable (prefix ``CATALOGUE_``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 1024 * 1024


class Settings(BaseSettings):
    """Configuration of one catalogue, read from ``CATALOGUE_*`` environment variables."""

    model_config = SettingsConfigDict(env_prefix="CATALOGUE_", frozen=True, extra="ignore")

    data: Annotated[Path, Field(description="Folder of the embedded database.")] = Path("data")
    database_url: Annotated[
        str | None, Field(description="SQLAlchemy URL of the store; default: SQLite in the data folder.")
    ] = None
    schemas: Annotated[
        Path | None, Field(description="Folder with one sub-folder of XSD files per DDI version (3.1, 3.2, 3.3).")
    ] = None
    schemas_cache: Annotated[
        Path | None,
        Field(description="Where installed XSD files are kept; default: schemas/ of the checkout, else data/schemas."),
    ] = None
    token: Annotated[SecretStr | None, Field(description="Bearer token for uploads; without it uploads are off.")] = (
        None
    )
    base_url: Annotated[str, Field(description="Public address, the root of every item's URI.")] = (
        "http://127.0.0.1:8000"
    )
    default_language: Annotated[str, Field(description="Language of pages when the reader states none: fr or en.")] = (
        "fr"
    )
    admin_email: Annotated[
        str | None,
        Field(
            pattern=r"^[^\s@]+@([^\s.@]+\.)+[^\s.@]+$",
            description="Who answers harvesters (OAI-PMH); default: the catalogue's contact, else postmaster.",
        ),
    ] = None
    oai_domain: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+$",
            description="Domain in the identifiers of OAI-PMH records; default: the host of the base URL.",
        ),
    ] = None
    max_upload_bytes: Annotated[int, Field(ge=1, description="Largest document accepted, in bytes.")] = 256 * MEBIBYTE
    max_elements: Annotated[int, Field(ge=1, description="Most XML elements in one document.")] = 20_000_000
    max_depth: Annotated[int, Field(ge=1, le=255, description="Deepest nesting of XML elements.")] = 200
    max_zip_entries: Annotated[int, Field(ge=1, description="Most files inside one zip archive.")] = 10_000
    max_violations: Annotated[int, Field(ge=1, description="Most violations listed in one validation report.")] = 500
    search_engine: Annotated[
        Literal["whoosh", "tantivy", "opensearch"],
        Field(description="Search engine: whoosh, tantivy (one very large machine) or opensearch (several machines)."),
    ] = "whoosh"
    opensearch_url: Annotated[str, Field(description="Address of OpenSearch, where that is the search engine.")] = (
        "http://127.0.0.1:9200"
    )
    opensearch_prefix: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9_-]*$", description="What this catalogue's indexes in OpenSearch begin with.")
    ] = "catalogue"
    thesaurus: Annotated[
        Path | None,
        Field(description="SKOS file that expands queries; default: the one that comes with the catalogue."),
    ] = None
    cohorts: Annotated[
        Path | None,
        Field(description="TOML file with what harvesters ask of catalogue and cohorts and DDI does not carry."),
    ] = None
    sparql_seconds: Annotated[
        float, Field(gt=0, le=3600, description="Longest time for one SPARQL query, in seconds.")
    ] = 30.0
    sparql_bytes: Annotated[int, Field(ge=1024, description="Largest answer to one SPARQL query, in bytes.")] = (
        16 * MEBIBYTE
    )
    sparql_query_url: Annotated[
        str | None,
        Field(description="SPARQL 1.1 Query address of a triple store of your own; default: the embedded Oxigraph."),
    ] = None
    sparql_graph_store_url: Annotated[
        str | None,
        Field(description="SPARQL 1.1 Graph Store Protocol address of the same store, where the catalogue writes."),
    ] = None
    sparql_token: Annotated[SecretStr | None, Field(description="Bearer token for that store, if it asks for one.")] = (
        None
    )

    @property
    def store_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data / 'catalogue.sqlite'}"

    @property
    def rdf_folder(self) -> Path:
        """Where triples are kept; what is in it can always be made anew."""
        return self.data / "rdf"

    @property
    def search_folder(self) -> Path:
        """Where embedded search engines keep their indexes; what is in it can always be made anew."""
        return self.data / "search"
