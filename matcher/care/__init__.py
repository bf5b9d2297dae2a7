"""The network of care: what the documents ask for beyond one person and one provider."""
