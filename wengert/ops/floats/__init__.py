"""Values of the ops: functions from floats to a float."""
