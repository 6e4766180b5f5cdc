"""Real pipelines, held hollow: the only home of torch. Import its modules in the worker only."""
