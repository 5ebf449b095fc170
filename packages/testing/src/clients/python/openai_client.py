from openai import NotFoundError, OpenAI
from pydantic import BaseModel

from features import MODEL, QUESTION, TEXT, URL, WEATHER_TOOL, equal, get_weather, run

client = OpenAI(base_url=URL, api_key="any", max_retries=0)
MESSAGES = [{"role": "user", "content": QUESTION}]


class City(BaseModel):
    city: str


def chat():
    completion = client.chat.completions.create(model=MODEL, messages=MESSAGES)
    equal(completion.choices[0].message.content, TEXT)
    assert completion.usage.total_tokens > 0


def streaming():
    stream = client.chat.completions.create(
        model=MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    equal("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), TEXT)
    assert chunks[-1].usage.total_tokens > 0


def tools():
    message = client.chat.completions.create(model=MODEL, messages=MESSAGES, tools=[WEATHER_TOOL]).choices[0].message
    call = message.tool_calls[0]
    equal((call.function.name, call.function.arguments), ("get_weather", '{"city":"Zürich"}'))
    result = {"role": "tool", "tool_call_id": call.id, "content": get_weather("Zürich")}
    completion = client.chat.completions.create(model=MODEL, messages=[*MESSAGES, message, result], tools=[WEATHER_TOOL])
    equal(completion.choices[0].message.content, "The tool returned: sunny in Zürich")


def structured_output():
    completion = client.chat.completions.parse(model=MODEL, messages=MESSAGES, response_format=City)
    equal(completion.choices[0].message.parsed, City(city="Zürich"))


def embeddings():
    data = client.embeddings.create(model="healthy", input=["One text", "Another"]).data
    equal([len(each.embedding) for each in data], [8, 8])


def responses():
    equal(client.responses.create(model=MODEL, input=QUESTION).output_text, TEXT)
    with client.responses.stream(model=MODEL, input=QUESTION) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        equal((text, stream.get_final_response().output_text), (TEXT, TEXT))


def models():
    first = next(iter(client.models.list())).id
    equal(client.models.retrieve(first).id, first)


def errors():
    try:
        client.models.retrieve("nobody/has-this")
    except NotFoundError as error:
        equal(error.code, "model_not_found")
    else:
        raise AssertionError("An unknown model was found.")


run(
    "openai",
    {
        "Chat": chat,
        "Streaming": streaming,
        "Tools": tools,
        "Structured output": structured_output,
        "Embeddings": embeddings,
        "Responses": responses,
        "Models": models,
        "Errors": errors,
    },
)
