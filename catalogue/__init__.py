"""A metadata catalogue for health cohorts: DDI-Lifecycle in, validated, stored, browsable."""
