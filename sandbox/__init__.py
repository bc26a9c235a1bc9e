"""Contains: processes, containers, file trees. Knows nothing of agents, models or forges."""
