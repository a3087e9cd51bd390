"""Whether a release is what its maker signed: keys, signatures, sums, archives that are not believed."""
