"""The settings: one frozen object, read from WEGWIJZER_* variables and wegwijzer.toml."""

import logging
import os
import re
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

log = logging.getLogger(__name__)

PREFIX = "WEGWIJZER_"
PROJECT = Path(__file__).resolve().parent.parent

ModelChoice = Literal["auto", "quotes", "local", "server"]


class Settings(BaseSettings):
    """All settings. The README's table is compared with these fields by a test."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        toml_file="wegwijzer.toml",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,  # it may be a key
    )

    documents_dir: Path = Field(
        PROJECT / "corpus" / "documents", description="Map met bronnen.toml en de documenten"
    )
    index_dir: Path = Field(PROJECT / ".wegwijzer" / "index", description="Map van de index")
    chroma_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+\S*)?$",
        description="Adres van een Chroma-server voor de vectoren, zoals http://127.0.0.1:8000; "
        "leeg: in de map van de index",
    )
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
        "warning", description="Hoeveel er in het logboek komt: debug, info, warning of error"
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
    unknown = {
        name
        for name in os.environ
        if name.upper().startswith(PREFIX)
        and name[len(PREFIX) :].lower() not in Settings.model_fields
    }
    if unknown:  # pydantic-settings would pass over them
        raise SettingsError(name=min(unknown), reason="die bestaat niet")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        log.info("setting refused: %s", error)
        name = str(first["loc"][0])
        raise SettingsError(name=name, reason=_reason(first["type"], name)) from error
    except (OSError, ValueError) as error:
        log.info("wegwijzer.toml refused: %s", error)
        place = re.search(r"line (\d+)", str(error))
        where = f" (zie regel {place.group(1)})" if place else ""
        reason = f"het bestand is geen geldige TOML{where}"
        raise SettingsError(name="wegwijzer.toml", reason=reason) from error


def _reason(kind: str, name: str) -> str:
    """Return in Dutch what is wrong with a setting; `kind` is pydantic's type of error."""
    if kind == "extra_forbidden":
        return "die bestaat niet"
    description = Settings.model_fields[name].description
    return f"de waarde past niet. Bedoeld is: {description}"
