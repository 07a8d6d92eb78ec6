"""What would a release that is not published yet do with the requests that are recorded? See README.md."""
