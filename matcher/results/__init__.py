"""What people read off a plan: overview, summary, roster, access, workbooks."""
