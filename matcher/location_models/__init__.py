"""Classic location models, solved exactly: where to open sites, and who is served by which.

All are one model, `location`: open sites, serve every customer, pay least. `solve` finds a plan and a bound below which
no plan is; prices of the customers make the bound and leave little to search.

::

    from matcher.location_models.classic import p_median

    answer = p_median(distance, sites=3)  # distance: one row a customer, one column a site
    answer.status, answer.objective, answer.bound, answer.sites, answer.served_by
"""
