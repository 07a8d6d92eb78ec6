"""Do requests go elsewhere since a release is in force? See README.md."""
