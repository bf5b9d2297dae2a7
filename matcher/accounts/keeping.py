"""How long what tells of people is kept, in days."""

#: China's Cybersecurity Law asks for six months of the audit, which may have 184 days.
LEAST_DAYS = 184
KEPT_DAYS = 200
#: By what is kept. No law gives them but for the audit: an office sets its own, and as few as it can work with.
DEFAULTS = {
    "versions": 365,
    "answers": 90,
    "plans": 365,
    "decisions": 1095,
    "requests": 1095,
    "visits": 1095,
    "approvals": 365,
    "logins": 1,
    "audit": KEPT_DAYS,
}
