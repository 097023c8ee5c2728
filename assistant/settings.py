"""The settings: one frozen object, read from WEGWIJZER_* variables and wegwijzer.toml."""

from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from corpus.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent

ModelChoice = Literal["auto", "quotes", "local", "server"]


class Settings(BaseSettings):
    """All settings. The README's table is compared with these fields by a test."""

    model_config = SettingsConfigDict(
        env_prefix="WEGWIJZER_", toml_file="wegwijzer.toml", frozen=True, extra="forbid"
    )

    documents_dir: Path = Field(
        PROJECT / "corpus" / "documents", description="Map met bronnen.toml en de documenten"
    )
    index_dir: Path = Field(PROJECT / ".wegwijzer" / "index", description="Map van de index")
    cache_dir: Path = Field(
        user_cache_path("wegwijzer"), description="Map van de klaargezette modellen"
    )
    embedder: str = Field(
        "",
        description="Naam of map van een sentence-transformers-model; leeg: multilingual-e5-small",
    )
    model: ModelChoice = Field(
        "auto",
        description="Wie het antwoord schrijft: quotes (alleen citaten), local, server, of auto: "
        "de server als die is ingesteld, anders het lokale model als dat klaarstaat",
    )
    model_file: Path | None = Field(
        None, description="Een ander GGUF-bestand voor het lokale model"
    )
    model_url: str = Field(
        "", description="Adres van een OpenAI-compatibele server, zoals http://localhost:11434/v1"
    )
    model_name: str = Field("", description="Naam van het model op die server")
    model_key: SecretStr = Field(SecretStr(""), description="Sleutel van die server")
    model_timeout_s: float = Field(
        60.0, gt=0, description="Seconden wachten op de server voordat alleen citaten volgen"
    )
    host: str = Field("127.0.0.1", description="Adres waarop de app luistert")
    port: int = Field(7860, ge=1, le=65535, description="Poort waarop de app luistert")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="Hoeveel er in het logboek komt"
    )
    log_questions: bool = Field(
        False, description="Zet de tekst van vragen in het logboek (alleen om fouten te zoeken)"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over wegwijzer.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; `overrides` win over environment and file.

    Raises:
        SettingsError: a setting is unknown or has a value that cannot be used.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "?"
        raise SettingsError(name=name, reason=first["msg"]) from error
    except (OSError, ValueError) as error:  # wegwijzer.toml is not TOML
        raise SettingsError(name="wegwijzer.toml", reason=str(error)) from error
