# All of it is in rules.mk.
