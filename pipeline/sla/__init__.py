"""Service levels: what a ticket was promised, how much working time of it is used, and who has to hear that it ends.

`policy` says what is promised, `calendar` what working time is, `clock` how time is used, `standing` folds the events
of one ticket into its clocks, `warnings` says at which instant somebody is told. Nothing here reads a clock or a file.
"""
