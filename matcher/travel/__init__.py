"""How far and how long: distances, listed journeys, routing servers."""
