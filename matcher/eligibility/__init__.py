"""Who may be served by whom: modes, tiers, needs, admissions, groups and all eligible pairs."""
