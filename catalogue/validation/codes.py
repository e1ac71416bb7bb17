"""The table of everything that can be wrong: stable code, severity, sentence and remedy in French and English.

A place in braces is filled by the caller. Sentences are written for a data manager: DDI names without namespaces, no
positions, no vocabulary of XML Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.model.report import Message, Severity, Violation


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: how grave it is, what to say, how to mend it."""

    severity: Severity
    message: Message
    remedy: Message


@dataclass(frozen=True, slots=True)
class Place:
    """Where a violation stands: source line, location path, and the identified item it is in."""

    line: int | None = None
    xpath: str | None = None
    urn: str | None = None
    item_type: str | None = None
    item_name: str | None = None


def _fault(severity: Severity, fr: str, en: str, remedy_fr: str, remedy_en: str) -> Fault:
    return Fault(severity, Message(fr, en), Message(remedy_fr, remedy_en))


_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

FAULTS: dict[str, Fault] = {
    # --- the bytes -------------------------------------------------------------------------------------------------
    "xml.not-well-formed": _fault(
        _ERROR,
        "Le fichier n'est pas un XML bien formé : la lecture s'arrête à {where_fr}.",
        "The file is not well-formed XML: reading stops at {where_en}.",
        "Corrigez le fichier à cet endroit ou exportez-le de nouveau, puis renvoyez-le.",
        "Mend the file at that place or export it again, then send it again.",
    ),
    "xml.doctype": _fault(
        _ERROR,
        "Le document contient une déclaration DOCTYPE ; des entités pourraient y cacher ou multiplier du texte, il "
        "n'est "
        "donc pas lu.",
        "The document has a DOCTYPE declaration; entities could hide or multiply text, so it is not read.",
        "Supprimez la ligne <!DOCTYPE ...> et remplacez les entités par leur texte.",
        "Remove the <!DOCTYPE ...> line and replace entities by their text.",
    ),
    "xml.limit": _fault(
        _ERROR,
        "Le document dépasse une limite du catalogue (taille, nombre ou profondeur des éléments).",
        "The document exceeds a limit of the catalogue (size, number or depth of elements).",
        "Scindez le document, ou demandez à l'administrateur de relever la limite citée dans le détail.",
        "Split the document, or ask the administrator to raise the limit named in the detail.",
    ),
    "xml.encoding": _fault(
        _ERROR,
        "Les caractères du fichier ne correspondent pas à l'encodage qu'il déclare.",
        "The characters of the file do not match the encoding that it declares.",
        'Enregistrez le fichier en UTF-8 et déclarez encoding="UTF-8" en première ligne.',
        'Save the file as UTF-8 and declare encoding="UTF-8" in its first line.',
    ),
    "xml.empty": _fault(
        _ERROR,
        "Le fichier est vide.",
        "The file is empty.",
        "Vérifiez que l'export s'est terminé, puis renvoyez le fichier.",
        "Check that the export was completed, then send the file again.",
    ),
    "xml.compressed": _fault(
        _ERROR,
        "Le fichier est une archive compressée, pas un document XML.",
        "The file is compressed data, not an XML document.",
        "Envoyez le fichier XML lui-même, ou une archive zip de fichiers XML.",
        "Send the XML file itself, or a zip archive of XML files.",
    ),
    "archive.traversal": _fault(
        _ERROR,
        "Un nom de fichier de l'archive mène hors de l'archive ; ce fichier n'a pas été ouvert.",
        "A file name in the archive leads outside the archive; that file was not opened.",
        "Refaites l'archive avec des noms simples, sans « .. » ni chemin absolu.",
        'Make the archive again with plain names, without ".." or an absolute path.',
    ),
    "archive.empty": _fault(
        _ERROR,
        "L'archive zip ne contient aucun fichier .xml.",
        "The zip archive holds no .xml file.",
        "Placez les documents DDI dans l'archive sous forme de fichiers .xml.",
        "Put the DDI documents into the archive as .xml files.",
    ),
    "archive.damaged": _fault(
        _ERROR,
        "L'archive zip est endommagée, chiffrée ou incomplète.",
        "The zip archive is damaged, encrypted or incomplete.",
        "Refaites l'archive, sans mot de passe, et envoyez-la de nouveau.",
        "Make the archive again, without a password, and send it once more.",
    ),
    "archive.no-access": _fault(
        _ERROR,
        "Le fichier ne peut pas être lu sur ce poste.",
        "The file cannot be read on this machine.",
        "Vérifiez qu'il existe encore et que vous avez le droit de le lire.",
        "Check that it still exists and that you may read it.",
    ),
    "ddi.codebook": _fault(
        _ERROR,
        "C'est un document DDI-Codebook ; le catalogue lit DDI-Lifecycle.",
        "This is a DDI-Codebook document; the catalogue reads DDI-Lifecycle.",
        "Exportez l'étude en DDI-Lifecycle 3.2 ou 3.3 et envoyez ce fichier.",
        "Export the study as DDI-Lifecycle 3.2 or 3.3 and send that file.",
    ),
    "ddi.unsupported-version": _fault(
        _ERROR,
        "Cette version de DDI-Lifecycle n'est pas prise en charge ; 3.1, 3.2 et 3.3 le sont.",
        "This version of DDI-Lifecycle is not supported; 3.1, 3.2 and 3.3 are.",
        "Exportez le document en DDI-Lifecycle 3.3.",
        "Export the document as DDI-Lifecycle 3.3.",
    ),
    "ddi.not-ddi": _fault(
        _ERROR,
        "Le document n'est pas reconnu comme du DDI-Lifecycle : son premier élément n'est pas dans un espace de noms "
        "DDI.",
        "The document is not recognised as DDI-Lifecycle: its first element is not in a DDI namespace.",
        "Vérifiez qu'il s'agit du bon fichier et que sa racine déclare les espaces de noms DDI, par exemple "
        'xmlns="ddi:instance:3_3".',
        "Check that it is the right file and that its root declares the DDI namespaces, for example "
        'xmlns="ddi:instance:3_3".',
    ),
    "schema.not-installed": _fault(
        _WARNING,
        "Non validé : le schéma de DDI-Lifecycle {version} n'est pas installé.",
        "Not validated: the schema of DDI-Lifecycle {version} is not installed.",
        "Lancez : catalogue schemas install {version}",
        "Run: catalogue schemas install {version}",
    ),
    # --- the schema ------------------------------------------------------------------------------------------------
    "xsd.no-namespace": _fault(
        _ERROR,
        "La racine « {element} » n'est dans aucun espace de noms ; elle n'est donc pas reconnue comme un élément DDI.",
        'The root "{element}" is in no namespace, so it is not recognised as a DDI element.',
        'Déclarez sur la racine xmlns="{namespace}", ou donnez-lui un préfixe lié à cet espace de noms.',
        'Declare xmlns="{namespace}" on the root, or give it a prefix bound to that namespace.',
    ),
    "xsd.unknown-root": _fault(
        _ERROR,
        "DDI {version} ne permet pas qu'un document commence par « {element} ».",
        'DDI {version} does not let a document begin with "{element}".',
        "Placez le contenu dans un DDIInstance ou, pour des éléments isolés, dans un FragmentInstance.",
        "Put the content in a DDIInstance or, for single elements, in a FragmentInstance.",
    ),
    "xsd.no-payload": _fault(
        _ERROR,
        "L'enveloppe OAI-PMH ne contient aucun élément DDI-Lifecycle {version}.",
        "The OAI-PMH envelope contains no DDI-Lifecycle {version} element.",
        "Moissonnez l'enregistrement dans un format DDI-Lifecycle.",
        "Harvest the record in a DDI-Lifecycle format.",
    ),
    "xsd.unexpected-element": _fault(
        _ERROR,
        "« {child} » n'est pas permis à cet endroit de « {element} ».",
        '"{child}" is not allowed at this place in "{element}".',
        "Retirez « {child} », ou déplacez-le là où DDI {version} le prévoit.",
        'Remove "{child}", or move it to where DDI {version} has it.',
    ),
    "xsd.unknown-element": _fault(
        _ERROR,
        "« {child} », dans « {element} », n'existe pas en DDI {version}.",
        '"{child}", within "{element}", does not exist in DDI {version}.',
        "Retirez « {child} », ou remplacez-le par l'élément de DDI {version} qui dit la même chose.",
        'Remove "{child}", or replace it by the element of DDI {version} that says the same.',
    ),
    "xsd.misspelt-element": _fault(
        _ERROR,
        "« {child} », dans « {element} », n'existe pas en DDI {version} ; « {near} » était sans doute voulu.",
        '"{child}", within "{element}", does not exist in DDI {version}; "{near}" was probably meant.',
        "Écrivez « {near} ».",
        'Write "{near}".',
    ),
    "xsd.misplaced-element": _fault(
        _ERROR,
        "« {child} » existe bien dans « {element} », mais pas à cet endroit : l'ordre des éléments compte.",
        '"{child}" does belong to "{element}", but not at this place: the order of elements matters.',
        "Déplacez « {child} » ; à cet endroit vient : {expected_fr}.",
        'Move "{child}"; what comes at this place is: {expected_en}.',
    ),
    "xsd.repeated-element": _fault(
        _ERROR,
        "« {child} » est répété dans « {element} » plus souvent que DDI {version} ne le permet ({maximum} fois).",
        '"{child}" is repeated in "{element}" more often than DDI {version} allows ({maximum} time(s)).',
        "Gardez {maximum} « {child} », ou répartissez le contenu sur plusieurs « {element} ».",
        'Keep {maximum} "{child}", or spread the content over several "{element}" elements.',
    ),
    "xsd.missing-element": _fault(
        _ERROR,
        "Il manque à « {element} » un élément obligatoire.",
        '"{element}" lacks a required element.',
        "Ajoutez : {expected_fr}.",
        "Add: {expected_en}.",
    ),
    "xsd.missing-before": _fault(
        _ERROR,
        "Avant « {child} », il manque à « {element} » un élément obligatoire.",
        'Before "{child}", "{element}" lacks a required element.',
        "Ajoutez avant « {child} » : {expected_fr}.",
        'Add before "{child}": {expected_en}.',
    ),
    "xsd.wrong-namespace": _fault(
        _ERROR,
        "« {child} » est écrit dans le module DDI « {found} », alors qu'il appartient au module « {right} ».",
        '"{child}" is written in the DDI module "{found}", but it belongs to the module "{right}".',
        "Donnez à « {child} » le préfixe de l'espace de noms {namespace}.",
        'Give "{child}" the prefix of the namespace {namespace}.',
    ),
    "xsd.other-version": _fault(
        _ERROR,
        "« {child} » est écrit dans un espace de noms de DDI {found}, dans un document DDI {version}.",
        '"{child}" is written in a namespace of DDI {found}, within a DDI {version} document.',
        "Utilisez partout les espaces de noms de DDI {version} (ici {namespace}).",
        "Use the namespaces of DDI {version} throughout (here {namespace}).",
    ),
    "xsd.child-no-namespace": _fault(
        _ERROR,
        "« {child} » n'est dans aucun espace de noms ; il n'est donc pas reconnu comme un élément DDI.",
        '"{child}" is in no namespace, so it is not recognised as a DDI element.',
        "Donnez à « {child} » le préfixe du module DDI dont il vient, ici celui de {namespace}.",
        'Give "{child}" the prefix of the DDI module it comes from, here that of {namespace}.',
    ),
    "xsd.unexpected-text": _fault(
        _ERROR,
        "« {element} » contient du texte libre, alors qu'il ne peut contenir que des éléments.",
        '"{element}" contains free text, but it may contain elements only.',
        "Retirez ce texte ou placez-le dans l'élément qui lui convient.",
        "Remove the text or put it in the element made for it.",
    ),
    "xsd.unexpected-content": _fault(
        _ERROR,
        "« {element} » contient des éléments, alors qu'il ne peut contenir qu'une valeur.",
        '"{element}" contains elements, but it may contain a value only.',
        "Remplacez le contenu par une valeur simple.",
        "Replace the content by a plain value.",
    ),
    "xsd.empty-value": _fault(
        _ERROR,
        "« {element} » est vide ; une valeur y est obligatoire.",
        '"{element}" is empty; a value is required.',
        "Renseignez « {element} », ou retirez-le s'il est facultatif.",
        'Fill in "{element}", or remove it if it is optional.',
    ),
    "xsd.pattern": _fault(
        _ERROR,
        "La valeur « {value} » de « {element} » n'a pas la forme demandée.",
        'The value "{value}" of "{element}" does not have the form that is required.',
        "Corrigez la valeur ; la forme demandée est donnée dans ce qui est attendu.",
        "Correct the value; the required form is given under what is expected.",
    ),
    "xsd.enumeration": _fault(
        _ERROR,
        "La valeur « {value} » de « {element} » n'est pas dans la liste des valeurs permises.",
        'The value "{value}" of "{element}" is not in the list of allowed values.',
        "Choisissez l'une des valeurs permises.",
        "Choose one of the allowed values.",
    ),
    "xsd.length": _fault(
        _ERROR,
        "La valeur « {value} » de « {element} » n'a pas la longueur demandée.",
        'The value "{value}" of "{element}" does not have the required length.',
        "Corrigez la longueur de la valeur.",
        "Correct the length of the value.",
    ),
    "xsd.range": _fault(
        _ERROR,
        "La valeur « {value} » de « {element} » est hors des bornes permises.",
        'The value "{value}" of "{element}" is out of the allowed range.',
        "Corrigez la valeur.",
        "Correct the value.",
    ),
    "xsd.invalid-value": _fault(
        _ERROR,
        "La valeur « {value} » de « {element} » n'est pas du type attendu ({type_fr}).",
        'The value "{value}" of "{element}" is not of the expected type ({type_en}).',
        "Écrivez {type_fr}.",
        "Write {type_en}.",
    ),
    "xsd.missing-attribute": _fault(
        _ERROR,
        "L'attribut « {attribute} » manque à « {element} ».",
        'The attribute "{attribute}" of "{element}" is missing.',
        "Ajoutez l'attribut « {attribute} ».",
        'Add the attribute "{attribute}".',
    ),
    "xsd.unexpected-attribute": _fault(
        _ERROR,
        "L'attribut « {attribute} » n'est pas permis sur « {element} ».",
        'The attribute "{attribute}" is not allowed on "{element}".',
        "Retirez l'attribut « {attribute} ».",
        'Remove the attribute "{attribute}".',
    ),
    "xsd.abstract-element": _fault(
        _ERROR,
        "« {element} » est un modèle général, qui ne peut pas figurer tel quel.",
        '"{element}" is a general model that cannot stand as it is.',
        "Remplacez « {element} » par l'un des éléments précis qui en tiennent lieu.",
        'Replace "{element}" by one of the specific elements that stand for it.',
    ),
    "xsd.identity-constraint": _fault(
        _ERROR,
        "Dans « {element} », une valeur qui doit être unique est répétée, ou une valeur citée n'existe pas.",
        'In "{element}", a value that must be unique is repeated, or a value that is cited does not exist.',
        "Comparez les identifiants à cet endroit et corrigez celui qui est en double ou absent.",
        "Compare the identifiers at this place and mend the one that is repeated or absent.",
    ),
    "xsd.invalid": _fault(
        _ERROR,
        "« {element} » ne suit pas le schéma de DDI {version}.",
        '"{element}" does not follow the schema of DDI {version}.',
        "Le détail donne les mots du validateur ; comparez l'élément à la documentation de DDI {version}.",
        "The detail has the validator's own words; compare the element with the documentation of DDI {version}.",
    ),
    # --- identity --------------------------------------------------------------------------------------------------
    "identity.duplicate": _fault(
        _WARNING,
        "L'identification {urn} est portée par deux éléments de contenu différent (lignes {first} et {line}).",
        "The identification {urn} is borne by two elements with different content (lines {first} and {line}).",
        "Donnez à l'un des deux un autre identifiant ou une autre version, ou rendez leurs contenus identiques.",
        "Give one of the two another identifier or version, or make their contents identical.",
    ),
    "identity.inherited-agency": _fault(
        _INFO,
        "{count} éléments n'indiquent pas d'agence ; celle de l'élément qui les contient a été reprise ({agency}).",
        "{count} elements state no agency; that of the element which contains them was taken ({agency}).",
        "Rien n'est obligatoire ; écrire l'agence rend les éléments réutilisables ailleurs.",
        "Nothing is required; writing the agency lets the elements be reused elsewhere.",
    ),
    "identity.empty-agency": _fault(
        _WARNING,
        "« {type} » a une agence vide ; son identification n'est donc pas unique au monde.",
        '"{type}" has an empty agency, so its identification is not unique in the world.',
        "Renseignez l'agence (Agency), par exemple fr.inserm.",
        "Fill in the Agency, for example fr.inserm.",
    ),
    "identity.empty-version": _fault(
        _WARNING,
        "« {type} » n'indique pas de version ; la version {assumed} a été supposée.",
        '"{type}" states no version; version {assumed} was assumed.',
        "Renseignez la version (Version), par exemple 1.0.",
        "Fill in the Version, for example 1.0.",
    ),
    "identity.missing": _fault(
        _ERROR,
        "« {type} » n'a pas d'identifiant ; il ne peut donc être ni cité ni enregistré.",
        '"{type}" has no identifier, so it can be neither cited nor stored.',
        "Donnez à « {type} » un identifiant (ID ou URN), unique dans l'agence.",
        'Give "{type}" an identifier (ID or URN) that is unique within the agency.',
    ),
    "identity.urn-mismatch": _fault(
        _WARNING,
        "L'URN écrite ({written}) ne dit pas la même chose qu'Agency, ID et Version ({triple}).",
        "The URN that is written ({written}) does not say the same as Agency, ID and Version ({triple}).",
        "Mettez-les d'accord ; c'est l'URN qui a été retenue, comme DDI le prévoit.",
        "Make them agree; the URN was taken, since in DDI it takes precedence.",
    ),
    # --- references ------------------------------------------------------------------------------------------------
    "reference.dangling": _fault(
        _WARNING,
        "« {role} » cite {target}, qui n'est pas dans ce document.",
        '"{role}" cites {target}, which is not in this document.',
        "Ajoutez l'élément cité, ou envoyez le document qui le contient ; le lien se fera alors.",
        "Add the element that is cited, or send the document that has it; the link will then be made.",
    ),
    "reference.other-version": _fault(
        _WARNING,
        "« {role} » cite {target}, qui n'est connu que dans une autre version ({known}).",
        '"{role}" cites {target}, which is known in another version only ({known}).',
        "Citez la version présente, ou ajoutez celle qui est citée.",
        "Cite the version that is present, or add the one that is cited.",
    ),
    "reference.other-agency": _fault(
        _WARNING,
        "« {role} » cite {target}, dont l'identifiant n'est connu que sous une autre agence ({known}).",
        '"{role}" cites {target}, whose identifier is known under another agency only ({known}).',
        "Corrigez l'agence de la référence ou celle de l'élément.",
        "Correct the agency of the reference or that of the element.",
    ),
    "reference.top-level": _fault(
        _WARNING,
        "TopLevelReference cite {target}, qui ne correspond à aucun fragment du document.",
        "TopLevelReference cites {target}, which matches no fragment of the document.",
        "Corrigez l'identifiant ou la version de TopLevelReference, ou ajoutez le fragment.",
        "Correct the identifier or version of TopLevelReference, or add the fragment.",
    ),
    # --- languages, publication ------------------------------------------------------------------------------------
    "language.malformed": _fault(
        _WARNING,
        "« {tag} » n'est pas un code de langue correct ; {count} texte(s) le portent.",
        '"{tag}" is not a correct language tag; {count} text(s) bear it.',
        "Écrivez {suggestion_fr} (norme BCP 47 : langue en minuscules, puis pays en majuscules).",
        "Write {suggestion_en} (BCP 47: language in lower case, then country in upper case).",
    ),
    "publication.conflict": _fault(
        _ERROR,
        "{urn} est déjà publié avec un autre contenu ; une version publiée ne change pas.",
        "{urn} is already published with other content; a published version does not change.",
        "Donnez une nouvelle version à l'élément modifié, ou rétablissez le contenu publié.",
        "Give the changed element a new version, or restore the published content.",
    ),
}


def violation(
    code: str,
    place: Place | None = None,
    values: Mapping[str, object] | None = None,
    *,
    expected: tuple[tuple[str, str], ...] = (),
    detail: str | None = None,
) -> Violation:
    """A violation of the table, its sentences filled with ``values``.

    Raises:
        KeyError: no such code, or a place of the sentence that has no value.
    """
    fault = FAULTS[code]
    place = place or Place()
    words = values or {}
    return Violation(
        code,
        fault.severity,
        fault.message.format(**words),
        fault.remedy.format(**words),
        place.line,
        place.xpath,
        place.urn,
        place.item_type,
        place.item_name,
        expected,
        detail,
    )
