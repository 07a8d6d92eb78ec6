"""How do a real Kafka and a real PostgreSQL run on this machine, without Docker and without being installed?"""
