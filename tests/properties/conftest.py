"""Loads the profile of the laws before they are collected."""

from tests.properties import profiles

profiles.load()
