"""Values of the elementwise ops: functions from floats to a float."""
