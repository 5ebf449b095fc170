import os

from langchain_openai import ChatOpenAI, OpenAIEmbeddings

prodigon = {
    "base_url": f"{os.environ.get('BASE_URL', 'http://127.0.0.1:8000')}/v1",
    "api_key": os.environ.get("PRODIGON_API_KEY", "any"),
    # Prodigon retries calls itself.
    "max_retries": 0,
}
chat = ChatOpenAI(model=os.environ.get("MODEL", "prodigon-tutor"), **prodigon)

for chunk in chat.stream("What is backpressure?"):
    print(chunk.text, end="", flush=True)

# LangChain would otherwise send OpenAI's token numbers instead of the texts.
embeddings = OpenAIEmbeddings(model="prodigon-embed", check_embedding_ctx_length=False, **prodigon)
print("\nEmbedding:", len(embeddings.embed_query("One text")), "numbers")
