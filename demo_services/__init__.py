"""The demo assistant: one folder a service, run from the checkout with `python -m demo_services.NAME`."""
