import os

from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(
    base_url=f"{os.environ.get('BASE_URL', 'http://127.0.0.1:8000')}/v1",
    api_key=os.environ.get("PRODIGON_API_KEY", "any"),
)
agent = Agent(OpenAIChatModel(os.environ.get("MODEL", "prodigon-tutor"), provider=provider))

print(agent.run_sync("What is backpressure?").output)
