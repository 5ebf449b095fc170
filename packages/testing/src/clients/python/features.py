"""Runs the features of a client, and prints one line of JSON for its version and for each feature."""

import importlib.metadata
import json
import os
import traceback

URL = os.environ["BASE_URL"] + "/v1"
MODEL = "gpt-5.2"
TEXT = "Streams carry tokens."
QUESTION = "What is the weather in Zürich?"
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def run(package, features):
    print(json.dumps({"version": importlib.metadata.version(package)}))
    for feature, function in features.items():
        try:
            function()
            print(json.dumps({"feature": feature}))
        except Exception:
            print(json.dumps({"feature": feature, "error": traceback.format_exc()[-2000:]}))
