"""Login at the company's own OpenID Connect provider: authorization code flow with PKCE, state and nonce."""
