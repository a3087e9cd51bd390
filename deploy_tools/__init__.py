"""How models reach devices: conversion, devices, benchmarks, the command line.

Imports ``slim`` and ``edge``.
"""
