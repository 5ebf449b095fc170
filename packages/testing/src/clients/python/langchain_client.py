from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from features import MODEL, QUESTION, TEXT, URL, equal, get_weather, run

OPTIONS = {"base_url": URL, "api_key": "any", "max_retries": 0}
model = ChatOpenAI(model=MODEL, **OPTIONS)


class City(BaseModel):
    city: str


def chat():
    equal(model.invoke(QUESTION).content, TEXT)


def streaming():
    equal("".join(chunk.content for chunk in model.stream(QUESTION)), TEXT)


def tools():
    with_tools = model.bind_tools([get_weather])
    message = with_tools.invoke(QUESTION)
    call = message.tool_calls[0]
    equal((call["name"], call["args"]), ("get_weather", {"city": "Zürich"}))
    result = ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"])
    equal(with_tools.invoke([HumanMessage(QUESTION), message, result]).content, "The tool returned: sunny in Zürich")


def structured_output():
    equal(model.with_structured_output(City).invoke(QUESTION), City(city="Zürich"))


def embeddings():
    # Without this option LangChain sends numbers of OpenAI's tokens instead of texts, and loads their list from the internet.
    embedder = OpenAIEmbeddings(model="healthy", check_embedding_ctx_length=False, **OPTIONS)
    equal([len(vector) for vector in embedder.embed_documents(["One text", "Another"])], [8, 8])


def responses():
    message = ChatOpenAI(model=MODEL, use_responses_api=True, **OPTIONS).invoke(QUESTION)
    equal(message.text, TEXT)


run(
    "langchain-openai",
    {
        "Chat": chat,
        "Streaming": streaming,
        "Tools": tools,
        "Structured output": structured_output,
        "Embeddings": embeddings,
        "Responses": responses,
    },
)
