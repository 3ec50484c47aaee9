"""Everything that touches the world: Faust agents, the engine, metrics, health, the command line."""
