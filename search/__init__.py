"""Everything the public sees: form, results, record pages, and the search engine behind them."""
