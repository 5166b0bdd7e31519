"""The processes around calls: supervisor, cells, worker pool, recorder."""
