"""What tests share: tables and folders of three rows, servers, a browser."""
