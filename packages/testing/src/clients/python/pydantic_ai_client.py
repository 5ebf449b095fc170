import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent, Embedder, NativeOutput
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from features import MODEL, QUESTION, TEXT, URL, equal, get_weather, run

provider = OpenAIProvider(base_url=URL, api_key="any")
model = OpenAIChatModel(MODEL, provider=provider)


class City(BaseModel):
    city: str


def chat():
    equal(Agent(model).run_sync(QUESTION).output, TEXT)


def streaming():
    async def collect():
        async with Agent(model).run_stream(QUESTION) as result:
            return "".join([text async for text in result.stream_text(delta=True)])

    equal(asyncio.run(collect()), TEXT)


def tools():
    equal(Agent(model, tools=[get_weather]).run_sync(QUESTION).output, "The tool returned: sunny in Zürich")


def structured_output():
    equal(Agent(model, output_type=City).run_sync(QUESTION).output, City(city="Zürich"))
    equal(Agent(model, output_type=NativeOutput(City)).run_sync(QUESTION).output, City(city="Zürich"))


def embeddings():
    embedder = Embedder(OpenAIEmbeddingModel("healthy", provider=provider))
    equal([len(vector) for vector in embedder.embed_documents_sync(["One text", "Another"]).embeddings], [8, 8])


def responses():
    equal(Agent(OpenAIResponsesModel(MODEL, provider=provider)).run_sync(QUESTION).output, TEXT)


run(
    "pydantic-ai-slim",
    {
        "Chat": chat,
        "Streaming": streaming,
        "Tools": tools,
        "Structured output": structured_output,
        "Embeddings": embeddings,
        "Responses": responses,
    },
)
