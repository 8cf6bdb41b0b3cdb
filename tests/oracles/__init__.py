"""What answers are held against: exact numbers, other libraries, random programs. The benchmarks ask them too.

elementwise      exact values and partials of every op that computes, and the points to ask for them
exact_ops        exact derivatives of higher order
exact_arrays     exact values and derivatives of programs over arrays;   array_problems   problems for them
array_calls      arguments for every array op
programs         random programs over scalars;   array_programs   over arrays
peer_ops         the ops of other libraries;   edge_cases   what each answers at well-known edges
"""
