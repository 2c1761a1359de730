"""The demo assistant: a folder a service, run as `python -m demo_services.NAME`."""
