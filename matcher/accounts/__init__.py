"""Who may see what: accounts, roles and scopes, sessions, requests of clinics, and the audit of all of it."""
