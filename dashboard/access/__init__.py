"""Access: roles, the permissions of a person, the guard of the routes, and a visitor's cookie."""
