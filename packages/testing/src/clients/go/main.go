// Runs the features of OpenAI's client for Go, and prints one line of JSON for its version and for each feature.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
)

const (
	module   = "github.com/openai/openai-go/v3"
	model    = "gpt-5.2"
	question = "What is the weather in Zürich?"
	text     = "Streams carry tokens."
	city     = `{"city":"Zürich"}`
)

var schema = map[string]any{
	"type":                 "object",
	"properties":           map[string]any{"city": map[string]any{"type": "string"}},
	"required":             []string{"city"},
	"additionalProperties": false,
}

func main() {
	client := openai.NewClient(option.WithBaseURL(os.Getenv("BASE_URL")+"/v1"), option.WithAPIKey("any"), option.WithMaxRetries(0))
	print(map[string]string{"version": version()})
	for _, feature := range []struct {
		name string
		test func(context.Context, openai.Client) error
	}{
		{"Chat", chat},
		{"Streaming", streaming},
		{"Tools", tools},
		{"Structured output", structuredOutput},
		{"Embeddings", embeddings},
		{"Responses", createResponses},
		{"Models", models},
		{"Errors", typedErrors},
	} {
		line := map[string]string{"feature": feature.name}
		if err := feature.test(context.Background(), client); err != nil {
			line["error"] = err.Error()
		}
		print(line)
	}
}

func version() string {
	build, _ := debug.ReadBuildInfo()
	for _, dependency := range build.Deps {
		if dependency.Path == module {
			return dependency.Version
		}
	}
	return ""
}

func print(line map[string]string) {
	encoded, _ := json.Marshal(line)
	fmt.Println(string(encoded))
}

func equal(actual, expected any) error {
	if actual != expected {
		return fmt.Errorf("%v is not %v", actual, expected)
	}
	return nil
}

func parameters() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
	}
}

func complete(ctx context.Context, client openai.Client, body openai.ChatCompletionNewParams) (openai.ChatCompletionMessage, error) {
	completion, err := client.Chat.Completions.New(ctx, body)
	if err != nil {
		return openai.ChatCompletionMessage{}, err
	}
	return completion.Choices[0].Message, nil
}

func chat(ctx context.Context, client openai.Client) error {
	message, err := complete(ctx, client, parameters())
	return errors.Join(err, equal(message.Content, text))
}

func streaming(ctx context.Context, client openai.Client) error {
	body := parameters()
	body.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(ctx, body)
	accumulator := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		if !accumulator.AddChunk(stream.Current()) {
			return errors.New("A chunk does not belong to its stream")
		}
	}
	if stream.Err() != nil {
		return stream.Err()
	}
	return errors.Join(equal(accumulator.Choices[0].Message.Content, text), equal(accumulator.Usage.TotalTokens > 0, true))
}

func tools(ctx context.Context, client openai.Client) error {
	body := parameters()
	body.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "get_weather", Parameters: schema}),
	}
	message, err := complete(ctx, client, body)
	if err != nil {
		return err
	}
	if len(message.ToolCalls) != 1 {
		return errors.New("The model called no tool")
	}
	call := message.ToolCalls[0]
	body.Messages = append(body.Messages, message.ToParam(), openai.ToolMessage("sunny in Zürich", call.ID))
	final, err := complete(ctx, client, body)
	return errors.Join(err, equal(call.Function.Arguments, city), equal(final.Content, "The tool returned: sunny in Zürich"))
}

func structuredOutput(ctx context.Context, client openai.Client) error {
	body := parameters()
	body.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "city", Schema: schema, Strict: openai.Bool(true)},
	}
	message, err := complete(ctx, client, body)
	return errors.Join(err, equal(message.Content, city))
}

func embeddings(ctx context.Context, client openai.Client) error {
	response, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: "healthy",
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"One text", "Another"}},
	})
	if err != nil {
		return err
	}
	return errors.Join(equal(len(response.Data), 2), equal(len(response.Data[1].Embedding), 8))
}

func createResponses(ctx context.Context, client openai.Client) error {
	body := responses.ResponseNewParams{
		Model: model,
		Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(question)},
	}
	response, err := client.Responses.New(ctx, body)
	if err != nil {
		return err
	}
	stream := client.Responses.NewStreaming(ctx, body)
	streamed := ""
	for stream.Next() {
		if event := stream.Current(); event.Type == "response.output_text.delta" {
			streamed += event.Delta
		}
	}
	return errors.Join(stream.Err(), equal(response.OutputText(), text), equal(streamed, text))
}

func models(ctx context.Context, client openai.Client) error {
	list, err := client.Models.List(ctx)
	if err != nil {
		return err
	}
	first, err := client.Models.Get(ctx, list.Data[0].ID)
	if err != nil {
		return err
	}
	return equal(first.ID, list.Data[0].ID)
}

func typedErrors(ctx context.Context, client openai.Client) error {
	_, err := client.Models.Get(ctx, "nobody-has-this")
	var apiError *openai.Error
	if !errors.As(err, &apiError) {
		return fmt.Errorf("%v is not an API error", err)
	}
	return errors.Join(equal(apiError.StatusCode, 404), equal(apiError.Code, "model_not_found"))
}
