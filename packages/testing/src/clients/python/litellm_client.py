import litellm
from pydantic import BaseModel

from features import MODEL, QUESTION, TEXT, URL, WEATHER_TOOL, equal, get_weather, run

OPTIONS = {"api_base": URL, "api_key": "any", "num_retries": 0}
CHAT = {"model": f"openai/{MODEL}", **OPTIONS}
MESSAGES = [{"role": "user", "content": QUESTION}]


class City(BaseModel):
    city: str


def chat():
    equal(litellm.completion(messages=MESSAGES, **CHAT).choices[0].message.content, TEXT)


def streaming():
    stream = litellm.completion(messages=MESSAGES, stream=True, **CHAT)
    equal("".join(chunk.choices[0].delta.content or "" for chunk in stream), TEXT)


def tools():
    message = litellm.completion(messages=MESSAGES, tools=[WEATHER_TOOL], **CHAT).choices[0].message
    call = message.tool_calls[0]
    equal((call.function.name, call.function.arguments), ("get_weather", '{"city":"Zürich"}'))
    result = {"role": "tool", "tool_call_id": call.id, "content": get_weather("Zürich")}
    completion = litellm.completion(messages=[*MESSAGES, message, result], tools=[WEATHER_TOOL], **CHAT)
    equal(completion.choices[0].message.content, "The tool returned: sunny in Zürich")


def structured_output():
    completion = litellm.completion(messages=MESSAGES, response_format=City, **CHAT)
    equal(City.model_validate_json(completion.choices[0].message.content), City(city="Zürich"))


def embeddings():
    data = litellm.embedding(model="openai/healthy", input=["One text", "Another"], **OPTIONS).data
    equal([len(each["embedding"]) for each in data], [8, 8])


def responses():
    response = litellm.responses(input=QUESTION, **CHAT)
    equal(response.output_text, TEXT)


def errors():
    try:
        litellm.completion(messages=[{"role": "robot", "content": "Hi"}], **CHAT)
    except litellm.BadRequestError as error:
        equal(error.status_code, 400)
    else:
        raise AssertionError("An unknown role was accepted.")


run(
    "litellm",
    {
        "Chat": chat,
        "Streaming": streaming,
        "Tools": tools,
        "Structured output": structured_output,
        "Embeddings": embeddings,
        "Responses": responses,
        "Errors": errors,
    },
)
