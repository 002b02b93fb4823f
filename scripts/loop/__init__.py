"""The whole loop on one machine: collector, exporter, Prometheus, Alertmanager, remediator, people.

scripts/up runs it; the end-to-end tests use its parts. Only the standard library.
"""
