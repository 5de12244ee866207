"""What a measure touches: rules of the WTO and of statutes as data, the screen, the clocks, the lawful answer."""
