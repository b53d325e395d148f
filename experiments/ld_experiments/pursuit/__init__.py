"""The pursuit game: two chasers, two evaders, a small grid with obstacles."""
