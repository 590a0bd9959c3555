// Package pricefeed reads the public price feeds (LiteLLM, models.dev,
// OpenRouter, genai-prices v2) and lays what they say over the catalog.
//
// The rules it keeps:
//
//   - Pure: a feed is read from an io.Reader and a price book into one; where they
//     come from and where they go is the caller's affair. So is the day: a feed has
//     a date of its own or is given one, never that of its import.
//   - A feed is told by its shape. Each has one file and one row in formats.
//   - Exact: numbers are decimals from the text in the feed, moved to USD per 1M
//     tokens by their decimal point. 0, absent, null and -1 are four things.
//   - Hostile: a feed is bounded in bytes and models, numbers in length and
//     exponent, texts in length and to what can be printed. What is not understood
//     is skipped with a Reason and counted; nothing is guessed.
//   - Nothing is deleted. A changed price opens a new interval for its model and
//     source, and what a feed no longer announces is kept as withdrawn.
//   - What cannot be right, or is not what others say, is flagged and waits to be
//     accepted.
package pricefeed
