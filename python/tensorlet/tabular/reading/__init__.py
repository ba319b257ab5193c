"""Reading of tables and pictures from files of any common format."""
