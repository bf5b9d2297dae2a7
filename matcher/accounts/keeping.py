"""How long the audit is kept, in days."""

#: China's Cybersecurity Law asks for six months, which may have 184 days.
LEAST_DAYS = 184
KEPT_DAYS = 200
