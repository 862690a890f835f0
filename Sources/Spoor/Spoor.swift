// Spoor: to come.
