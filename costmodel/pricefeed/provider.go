package pricefeed

import "strings"

// hosts are the catalog's ids of those who host models, by the ids in the feeds.
// Another region or cloud of the same vendor is another host: its prices differ.
var hosts = map[string]string{
	"openai": "openai", "text-completion-openai": "openai",
	"anthropic": "anthropic",
	"google":    "google", "gemini": "google",
	"together": "together", "together_ai": "together", "togetherai": "together",
	"mistral": "mistral", "mistralai": "mistral", "codestral": "mistral",
	"groq":      "groq",
	"fireworks": "fireworks", "fireworks_ai": "fireworks", "fireworks-ai": "fireworks", "fireworks_ai-embedding-models": "fireworks",
	"deepseek": "deepseek",
	"alibaba":  "alibaba", "dashscope": "alibaba", "qwen": "alibaba",
	"xai": "xai", "x-ai": "xai",
	"cohere": "cohere", "cohere_chat": "cohere",
	"amazon-bedrock": "amazon-bedrock", "bedrock": "amazon-bedrock", "bedrock_converse": "amazon-bedrock", "aws": "amazon-bedrock", "amazon": "amazon-bedrock",
	"meta": "meta", "meta_llama": "meta", "meta-llama": "meta", "llama": "meta",
	"azure": "azure", "azure_ai": "azure",
	"novita": "novita", "novita-ai": "novita",
}

// hostOf returns the catalog's id of a host, or the feed's own.
func hostOf(feedID string) string {
	if id, ok := hosts[strings.ToLower(feedID)]; ok {
		return id
	}
	return feedID
}
