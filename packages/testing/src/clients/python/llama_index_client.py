from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from features import MODEL, QUESTION, TEXT, URL, equal, get_weather, run

OPTIONS = {"api_base": URL, "api_key": "any", "is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
llm = OpenAILike(model=MODEL, **OPTIONS)
MESSAGES = [ChatMessage(role="user", content=QUESTION)]


class City(BaseModel):
    city: str


def chat():
    equal(llm.chat(MESSAGES).message.content, TEXT)


def streaming():
    equal("".join(chunk.delta or "" for chunk in llm.stream_chat(MESSAGES)), TEXT)


def tools():
    response = llm.predict_and_call([FunctionTool.from_defaults(get_weather)], user_msg=QUESTION)
    equal(response.response, "sunny in Zürich")


def structured_output():
    equal(llm.as_structured_llm(City).chat(MESSAGES).raw, City(city="Zürich"))


run(
    "llama-index-llms-openai-like",
    {"Chat": chat, "Streaming": streaming, "Tools": tools, "Structured output": structured_output},
)
