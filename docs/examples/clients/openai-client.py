import os

from openai import NotFoundError, OpenAI

base_url = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
client = OpenAI(base_url=f"{base_url}/v1", api_key=os.environ.get("PRODIGON_API_KEY", "any"))
model = os.environ.get("MODEL", "prodigon-tutor")

stream = client.chat.completions.create(
    model=model,
    messages=[{"role": "user", "content": "What is backpressure?"}],
    stream=True,
    stream_options={"include_usage": True},
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    if chunk.usage:
        print(f"\n{chunk.usage.completion_tokens} tokens")

response = client.responses.create(model=model, input="What is a circuit breaker?")
print("Response:", len(response.output_text), "characters")

embeddings = client.embeddings.create(model="prodigon-embed", input=["One text", "Another"])
print("Embeddings:", len(embeddings.data), "of", len(embeddings.data[0].embedding), "numbers")

try:
    client.models.retrieve("nobody-has-this")
except NotFoundError as error:
    print("Refused:", error.code)
