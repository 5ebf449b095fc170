import instructor
from openai import OpenAI
from pydantic import BaseModel

from features import MODEL, QUESTION, URL, equal, run

MESSAGES = [{"role": "user", "content": QUESTION}]


class City(BaseModel):
    city: str


def create(mode, **options):
    client = instructor.from_openai(OpenAI(base_url=URL, api_key="any", max_retries=0), mode=mode)
    return client.chat.completions.create(model=MODEL, messages=MESSAGES, max_retries=0, **options)


def tools():
    equal(create(instructor.Mode.TOOLS, response_model=City).city, "Zürich")


def structured_output():
    equal(create(instructor.Mode.JSON_SCHEMA, response_model=City).city, "Zürich")
    equal(create(instructor.Mode.JSON, response_model=City).city, "Zürich")


def streaming():
    partials = list(create(instructor.Mode.TOOLS, response_model=instructor.Partial[City], stream=True))
    equal(partials[-1].city, "Zürich")


run("instructor", {"Streaming": streaming, "Tools": tools, "Structured output": structured_output})
